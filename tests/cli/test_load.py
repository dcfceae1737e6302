"""`aerodbapi load`: types, keys, archives, progress, and files that cannot be loaded."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

import aerodbapi as package
from aerodbapi.cli import load
from aerodbapi.cli.csv_source import CsvSource
from aerodbapi.cli.main import main


class Loader:
    """Loads files into a database file, and reads what came of it."""

    def __init__(self, folder: Path, capsys: Any) -> None:
        self.folder = folder
        self.capsys = capsys
        self.out = self.err = ""

    def write(self, text: str | bytes, name: str = "data.csv") -> str:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def load(self, text: str | bytes, *options: str, key: str = "id") -> int:
        return self.load_file(self.write(text), *options, key=key)

    def load_file(self, path: str, *options: str, key: str = "id") -> int:
        where = ("--into", "test.t", "--data", str(self.folder / "x.db"))
        status = main(["load", path, "--key", key, *where, *options])
        self.out, self.err = self.capsys.readouterr()
        return status

    def rows(self, columns: str = "*") -> list[dict[str, Any]]:
        with package.connect(
            f"aerospike:///{self.folder}/x.db", row_factory=package.dict_row
        ) as connection:
            rows = connection.execute(f"SELECT {columns} FROM test.t").fetchall()
        return sorted(rows, key=lambda row: str(row["PK"]))

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows(f'PK, "{name}"')]


@pytest.fixture
def loader(tmp_path: Path, capsys: Any) -> Loader:
    return Loader(tmp_path, capsys)


def test_a_file(loader: Loader) -> None:
    assert loader.load("id,name,n,f\nu1,Ann,1,1.5\nu2,Bob,,2\nu3,NA,-3,NA\n") == 0
    assert loader.rows("PK, id, name, n, f") == [
        {"PK": "u1", "id": "u1", "name": "Ann", "n": 1, "f": 1.5},
        {"PK": "u2", "id": "u2", "name": "Bob", "n": None, "f": 2.0},
        {"PK": "u3", "id": "u3", "name": None, "n": -3, "f": None},
    ]
    assert loader.out.startswith("3 rows loaded into test.t (")
    assert loader.err == ""


#: Texts of a column → values. The kind is the column's.
COLUMNS: list[tuple[list[str], list[Any]]] = [
    (["1", "-2", "0", ""], [1, -2, 0, None]),
    (["1", "2.5"], [1.0, 2.5]),
    (["1", "2.5", "x"], ["1", "2.5", "x"]),
    (["1e3", "2"], [1000.0, 2.0]),
    (["9223372036854775807", "-9223372036854775808"], [2**63 - 1, -(2**63)]),
    (["9223372036854775808", "1"], ["9223372036854775808", "1"]),
    (["007", "008"], ["007", "008"]),
    (["0", "00"], ["0", "00"]),
    (["+47123", "+1"], ["+47123", "+1"]),
    (["1_000", "2"], ["1_000", "2"]),
    ([" 1", "2"], [" 1", "2"]),
    (["nan", "1"], ["nan", "1"]),
    (["inf", "1"], ["inf", "1"]),
    (["1e999", "1"], ["1e999", "1"]),
    (["１２", "1"], ["１２", "1"]),
    (["0x10", "1"], ["0x10", "1"]),
    (["true", "false"], ["true", "false"]),
    (["", "NA"], [None, None]),
    (["é", "日本"], ["é", "日本"]),
]


@pytest.mark.parametrize(("texts", "values"), COLUMNS, ids=str)
def test_kinds(tmp_path: Path, texts: list[str], values: list[Any]) -> None:
    path = tmp_path / "kinds.csv"
    path.write_text("k,v\n" + "".join(f"{i},{text}\n" for i, text in enumerate(texts)), "utf-8")
    found = [row[1] for row in CsvSource(path).survey()]
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


def test_text_columns(loader: Loader) -> None:
    assert loader.load("id,v\n1,1.10\n2,2\n", "--text", "v") == 0
    assert loader.column("v") == ["1.10", "2"]


def test_quotes_newlines_and_blank_lines(loader: Loader) -> None:
    assert loader.load('\ufeffid,v\r\na,"x, ""y""\r\nz"\r\n\r\nb,\'q\'\r\n\r\n') == 0
    assert loader.column("v") == ['x, "y"\r\nz', "'q'"]


def test_another_delimiter_and_other_nulls(loader: Loader) -> None:
    text = "id;v;w\na;-;NA\nb;2;?\n"
    assert loader.load(text, "--delimiter", ";", "--null", "-", "--null", "?") == 0
    assert [(row["v"], row["w"]) for row in loader.rows("PK, v, w")] == [(None, "NA"), (2, None)]


# ---- keys --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("id", [1, 2]),
        ("name", ["Ann", "Bob"]),
        ("name,id", ["Ann|1", "Bob|2"]),
        ("name, f", ["Ann|1.5", "Bob|2.0"]),
        ("f", ["1.5", "2.0"]),
        ("#", [1, 2]),
    ],
)
def test_keys(loader: Loader, key: str, keys: list[Any]) -> None:
    assert loader.load("id,name,f\n1,Ann,1.5\n2,Bob,2\n", key=key) == 0
    assert loader.column("PK") == keys


def test_loading_twice_gives_the_same_set(loader: Loader) -> None:
    for text in ("id,a,b\n1,1,1\n2,2,2\n", "id,a,b\n1,1,\n2,2,2\n"):
        assert loader.load(text) == 0
    assert loader.rows("PK, a, b") == [{"PK": 1, "a": 1, "b": None}, {"PK": 2, "a": 2, "b": 2}]


# ---- archives ----------------------------------------------------------------------------------

TEXT = b"id,v\n1,x\n2,y\n"


def test_gzip(loader: Loader) -> None:
    path = loader.write(gzip.compress(TEXT), "data.csv.gz")
    assert loader.load_file(path) == 0
    assert loader.column("v") == ["x", "y"]


def test_zip(loader: Loader) -> None:
    path = loader.write(zipped({"inner.csv": TEXT}), "data.zip")
    assert loader.load_file(path) == 0
    assert loader.column("v") == ["x", "y"]


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"not packed", "x.csv.gz"),
        (gzip.compress(TEXT * 1000)[:-20], "x.csv.gz"),
        (gzip.compress(TEXT)[:10] + b"\xff" * 30, "x.csv.gz"),
        (b"not packed", "x.zip"),
        (zipped({"a": TEXT, "b": TEXT}), "x.zip"),
        (zipped({}), "x.zip"),
        (zipped({"a": TEXT * 99})[:-60], "x.zip"),
    ],
    # Named, as an archive's bytes hold the time when it was made.
    ids=["text.gz", "cut.gz", "wrong.gz", "text.zip", "two.zip", "empty.zip", "cut.zip"],
)
def test_broken_archives(loader: Loader, data: bytes, name: str) -> None:
    assert loader.load_file(loader.write(data, name)) == 1
    assert loader.err.startswith("OperationalError: ")
    assert name in loader.err
    assert not (loader.folder / "x.db").exists()


# ---- bad files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("", (), "no header line"),
        ("id,v\n1,2,3\n", (), "line 2: 3 fields, but the header has 2"),
        ("id,v\n1,2\n\n3\n", (), "line 4: 1 fields"),
        ("id,v,v\n1,2,3\n", (), "'v' stands twice"),
        ('id,v\n1,"open\n', (), "not a CSV file"),
        (b"id,v\n1,\xff\xfe\n", (), "UTF-8"),
        ("id,v\n1,x\n,y\n", (), "row 2: no value for the key column 'id'"),
        ("id,a_very_long_name\n1,2\n", (), "'a_very_long_name' cannot be a bin's name"),
        ("id,\n1,2\n", (), "'' cannot be a bin's name"),
        ("id,v\n1,2\n", ("--rename", "v=a_very_long_name"), "'a_very_long_name'"),
        ("id,v\n1,2\n", ("--rename", "w=x"), "no column 'w'"),
        ("id,v\n1,2\n", ("--rename", "v=id"), "two columns"),
        ("id,v\n1,2\n", ("--text", "w"), "no column 'w'; it has id, v"),
        ("id,v\n1,2\n", ("--ttl", "soon"), "--ttl takes seconds or never"),
        ("id,v\n1,2\n", ("--delimiter", ";;"), "one character"),
    ],
)
def test_bad_files(loader: Loader, text: str | bytes, options: tuple[str, ...], words: str) -> None:
    assert loader.load(text, *options) == 1
    assert words in loader.err
    assert "Traceback" not in loader.err
    assert loader.out == ""


def test_an_unknown_key_column(loader: Loader) -> None:
    assert loader.load("id,v\n1,2\n", key="nothing") == 1
    assert "no column 'nothing'; it has id, v" in loader.err


def test_a_row_without_any_value(loader: Loader) -> None:
    assert loader.load("a,b\n1,2\n,\n", key="#") == 1
    assert "row 2: no value at all" in loader.err


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_no_file(loader: Loader, name: str) -> None:
    assert loader.load_file(str(loader.folder / name)) == 1
    assert loader.err.startswith("OperationalError: cannot read ")


def test_names_that_are_too_long_can_be_changed(loader: Loader) -> None:
    assert loader.load("id,a_very_long_name\n1,2\n", "--rename", "a_very_long_name=short") == 0
    assert loader.column("short") == [2]


@pytest.mark.parametrize("into", ["test.", ".t", ""])
def test_into_takes_a_table(loader: Loader, capsys: Any, into: str) -> None:
    path = loader.write(TEXT)
    assert main(["load", path, "--into", into, "--key", "id", "--data", "x.db"]) == 1
    assert "NAMESPACE.SET" in capsys.readouterr().err


def test_records_would_be_lost(
    loader: Loader, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AEROSPIKE_HOSTS", raising=False)
    assert main(["load", loader.write(TEXT), "--into", "test.t", "--key", "id"]) == 1
    assert "--data" in capsys.readouterr().err


def test_odd_names(loader: Loader) -> None:
    assert loader.load('id,a b,"q""q",sélect,limit\n1,2,3,4,5\n') == 0
    assert loader.rows() == [
        {"PK": 1, "id": 1, "a b": 2, 'q"q': 3, "sélect": 4, "limit": 5},
    ]


# ---- options, progress, clusters ---------------------------------------------------------------


@pytest.mark.parametrize(("ttl", "expected"), [("1000", 1000), ("never", -1)])
def test_ttl(loader: Loader, ttl: str, expected: int) -> None:
    assert loader.load("id,v\n1,2\n", "--ttl", ttl) == 0
    (row,) = loader.rows("PK, __ttl")
    assert expected - 5 <= row["__ttl"] <= expected


def test_quiet(loader: Loader) -> None:
    assert loader.load("id,v\n1,2\n", "--quiet") == 0
    assert (loader.out, loader.err) == ("", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(load, "_BATCH", 10)
    assert loader.load("id,v\n" + "".join(f"{i},{i}\n" for i in range(35))) == 0
    shown = terminal.getvalue().split("\r")
    assert [text.partition(" rows,")[0] for text in shown[1:]] == [
        "[########......................] 10 of 35",
        "[#################.............] 20 of 35",
        "[#########################.....] 30 of 35",
        "[##############################] 35 of 35",
    ]
    assert terminal.getvalue().endswith("\n")
    assert loader.out.startswith("35 rows loaded")


def test_into_a_cluster(
    loader: Loader, node_address: tuple[str, int], namespace: str, fresh_set: str, capsys: Any
) -> None:
    host, port = node_address
    path = loader.write("id,v\n" + "".join(f"k{i},{i}\n" for i in range(2500)))
    table = f"{namespace}.{fresh_set}"
    where = ("-h", host, "-p", str(port))
    assert main(["load", path, "--into", table, "--key", "id", *where]) == 0
    assert f"2,500 rows loaded into {table}" in capsys.readouterr().out
    with package.connect(hosts=[node_address]) as connection:
        found = connection.execute(f"SELECT PK, id, v FROM {table}").fetchall()
    assert sorted(found) == sorted((f"k{i}", f"k{i}", i) for i in range(2500))


def test_a_namespace_that_is_nowhere(
    loader: Loader, node_address: tuple[str, int], capsys: Any
) -> None:
    host, port = node_address
    where = ("-h", host, "-p", str(port))
    path = loader.write(TEXT)
    assert main(["load", path, "--into", "nowhere.t", "--key", "id", *where]) == 1
    assert "nowhere" in capsys.readouterr().err
