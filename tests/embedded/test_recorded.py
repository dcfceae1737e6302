"""Sessions recorded between the official client and a real server, replayed to the node."""

from __future__ import annotations

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol.flags import Info3
from aerodbapi.protocol.message import messages
from tests.embedded.driver import Driver
from tests.protocol import recorded

#: Exchanges whose operations (lists, maps, bits, HLL, expressions, Lua) the node does not know
#: yet, or that follow from such: take a name out when its operations arrive.
NOT_YET = frozenset(
    [
        "list_ops",
        "list_ops2",
        "map_ops",
        "ctx_ops",
        "exp_ops",
        "apply",
        "apply_err",
        "query_agg",
        "query_agg_err",
        "query_bg_udf",
        "txn_put",
        "batch_write",
    ]
)
#: Recorded on a server that had other records and indexes than these exchanges make.
OF_ANOTHER_STATE = frozenset(
    [
        "remove",
        "batch_read",
        "batch_read_bins",
        "batch_read_exists",
        "batch_operate",
        "query_eq_int",
        "query_eq_str",
        "query_range",
        "query_none",
        "query_paginate",
        "scan",
        "get_compress",
        "filter_get",
    ]
)
#: Exchanges of another kind than messages about records.
RECORDS = [
    name
    for name, exchange in recorded.EXCHANGES.items()
    if exchange["frames"] and exchange["frames"][0][1][2:4] in ("03", "04")
]


@pytest.fixture(scope="module")
def replayed():
    """Replay all exchanges in order; name → (the server's replies, the node's)."""
    node = EmbeddedNode()
    node.store.namespace("test").default_ttl = 30 * 86400
    found = {}
    for name in RECORDS:
        ours = [frame for request in recorded.requests(name) for frame in node.receive(request)]
        found[name] = (
            [m for body in recorded.replies(name) for m in messages(body)],
            [m for frame in ours for m in messages(frame[8:])],
        )
    return found


def shown(replies):
    """What of replies does not depend on clocks, other generations or order of completion."""
    return sorted(
        (
            (m.info3 & Info3.LAST, m.transaction_ttl, m.result_code, bool(m.generation), m.ops)
            for m in replies
            if not (m.info3 & Info3.LAST and not m.result_code)
        ),
        key=repr,
    )


@pytest.mark.parametrize(
    "name", [name for name in RECORDS if name not in NOT_YET | OF_ANOTHER_STATE]
)
def test_the_node_replies_as_the_server_did(replayed, name):
    theirs, ours = replayed[name]
    assert shown(ours) == shown(theirs)


@pytest.mark.parametrize("name", sorted((NOT_YET | OF_ANOTHER_STATE) & set(RECORDS)))
def test_the_node_replies_to_everything_else_too(replayed, name):
    theirs, ours = replayed[name]
    assert ours
    assert bool(ours[-1].info3 & Info3.LAST) == bool(theirs[-1].info3 & Info3.LAST) or (
        ours[-1].result_code != 0
    )


def test_the_filter_that_was_recorded_decides():
    db = Driver(EmbeddedNode(), set="vec")
    (request,) = recorded.requests("filter_get")
    codes = []
    for frame in (*recorded.requests("put_scalar"), request):
        (reply,) = db.node.receive(frame)
        codes.append(reply[13])
    assert codes == [0, 27]
