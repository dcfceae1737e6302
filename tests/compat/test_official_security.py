"""Users and roles by the original client and by ours, against a node with security."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from tests.compat.official import ORIGINAL, OURS, Face, face, lines, run

PROGRAMS = {
    "users": r"""
client.admin_create_user('ann', 'secret', ['read', 'read-write'])
client.admin_create_user('ann', 'secret', ['read'])
client.admin_create_user('bob', 'secret', [])
client.admin_query_user_info('ann')
client.admin_query_user_info('nobody')
sorted(client.admin_query_users_info())
client.admin_query_users_info()['ann']
client.admin_grant_roles('ann', ['sys-admin'])
client.admin_grant_roles('ann', ['no-such-role'])
client.admin_grant_roles('nobody', ['read'])
client.admin_query_user_info('ann')
client.admin_revoke_roles('ann', ['read'])
client.admin_revoke_roles('ann', ['read'])
client.admin_query_user_info('ann')['roles']
client.admin_set_password('ann', 'other')
client.admin_set_password('nobody', 'other')
client.admin_change_password('ann', 'third')
client.admin_change_password('nobody', 'third')
client.admin_drop_user('ann')
client.admin_drop_user('ann')
client.admin_create_pki_user('cert', ['read'])
client.admin_query_user_info('cert')
""",
    "wrong users": r"""
client.admin_create_user('', 'x', ['read'])
client.admin_create_user('ann', 5, ['read'])
client.admin_create_user(5, 'x', ['read'])
client.admin_create_user('ann', 'x', 'read')
client.admin_create_user('ann', 'x', [5])
client.admin_create_user('ann', 'x', ['no-such-role'])
client.admin_create_user('ann', 'x', ['read'], {'timeout': 'x'})
client.admin_create_user('ann', 'x', ['read'], 5)
client.admin_create_user('ann', 'x')
client.admin_create_user(user='ann', password='x', roles=['read'], policy={'timeout': 5000})
client.admin_query_user_info(5)
client.admin_query_user_info()
client.admin_drop_user(5)
client.admin_grant_roles('ann', [])
client.admin_grant_roles('ann', 5)
client.admin_revoke_roles('ann', [])
client.admin_set_password('ann', 5)
""",
    "roles": r"""
client.admin_create_role('r', [{'code': a.PRIV_READ, 'ns': 'test'}])
client.admin_create_role('r', [{'code': a.PRIV_READ}])
client.admin_get_role('r')
client.admin_query_role('r')
client.admin_get_role('no-such-role')
client.admin_query_role('no-such-role')
client.admin_grant_privileges('r', [{'code': a.PRIV_WRITE, 'ns': 'test', 'set': 's'}])
client.admin_grant_privileges('r', [{'code': a.PRIV_SYS_ADMIN}])
client.admin_grant_privileges('no-such-role', [{'code': a.PRIV_READ}])
client.admin_get_role('r')
client.admin_revoke_privileges('r', [{'code': a.PRIV_WRITE, 'ns': 'test', 'set': 's'}])
client.admin_revoke_privileges('r', [{'code': a.PRIV_UDF_ADMIN}])
client.admin_get_role('r')
client.admin_set_whitelist('r', ['10.0.0.0/8', '127.0.0.1'])
client.admin_get_role('r')
client.admin_set_whitelist('r', ['nonsense'])
client.admin_set_whitelist('r', None)
client.admin_set_whitelist('no-such-role', ['127.0.0.1'])
client.admin_set_quotas('r', 10, 20)
client.admin_get_role('r')
client.admin_set_quotas('r', read_quota=5)
client.admin_set_quotas('no-such-role', 1, 1)
client.admin_create_role('q', [{'code': a.PRIV_READ_WRITE}], None, ['127.0.0.1'], 7, 9)
client.admin_get_role('q')
sorted(client.admin_get_roles())
client.admin_get_roles()['q']
client.admin_get_roles()['read-write-udf']
client.admin_query_roles()['r']
sorted(client.admin_query_roles())
client.admin_drop_role('r')
client.admin_drop_role('r')
client.admin_drop_role('read')
client.admin_drop_role('q')
""",
    "wrong roles": r"""
client.admin_create_role('', [{'code': a.PRIV_READ}])
client.admin_create_role('x' * 64, [{'code': a.PRIV_READ}])
client.admin_create_role(5, [{'code': a.PRIV_READ}])
client.admin_create_role('w', 'x')
client.admin_create_role('w', [5])
client.admin_create_role('w', [{}])
client.admin_create_role('w', [{'code': 'x'}])
client.admin_create_role('w', [{'code': 99}])
client.admin_create_role('w', [{'code': a.PRIV_READ}], None, 'x')
client.admin_create_role('w', [{'code': a.PRIV_READ}], None, [5])
client.admin_create_role('w', [{'code': a.PRIV_READ}], None, None, 'x')
client.admin_create_role('w', [{'code': a.PRIV_READ}], None, None, -1)
client.admin_set_whitelist('w', 5)
client.admin_set_quotas('w', 'x', 1)
client.admin_get_role(5)
client.admin_get_roles(5)
""",
    "who may do what": r"""
client.admin_create_role('reader', [{'code': a.PRIV_READ, 'ns': 'test', 'set': 'open'}])
client.admin_create_user('eve', 'pw', ['reader'])
client.put(('test', 'open', 1), {'n': 1}, policy={'exists': a.POLICY_EXISTS_CREATE_OR_REPLACE})
client.put(('test', 'shut', 1), {'n': 1})
as_user('eve', 'wrong')
as_user('nobody', 'pw')
as_user('eve', 'pw')
eve.get(('test', 'open', 1))[2]
eve.get(('test', 'shut', 1))
eve.put(('test', 'open', 1), {'n': 2})
[r.result for r in eve.batch_read([('test', 'open', 1), ('test', 'shut', 1)]).batch_records]
eve.query('test', 'open').results()[0][2]
eve.query('test', 'shut').results()
eve.index_integer_create('test', 'open', 'n', 'ix')
eve.udf_list()
eve.admin_query_users_info()
eve.admin_query_user_info('eve')['roles']
eve.admin_query_user_info('admin')
eve.info_random_node('build')[:5]
eve.apply(('test', 'open', 1), 'm', 'f', [])
client.admin_revoke_roles('eve', ['reader'])
eve.get(('test', 'open', 1))
client.admin_grant_roles('eve', ['reader'])
eve.get(('test', 'open', 1))[2]
eve.admin_change_password('eve', 'new')
eve.get(('test', 'open', 1))[2]
client.admin_drop_user('eve')
eve.get(('test', 'open', 1))
client.admin_drop_role('reader')
""",
    "quotas": r"""
client.admin_create_role('slow', [{'code': a.PRIV_READ_WRITE}], None, [], 1, 1)
client.admin_create_user('zed', 'pw', ['slow'])
as_user('zed', 'pw')
until_refused()
client.admin_query_user_info('zed')['conns_in_use'] > 0
client.admin_drop_user('zed')
client.admin_drop_role('slow')
""",
    "allowlists": r"""
client.admin_create_role('far', [{'code': a.PRIV_READ}], None, ['10.0.0.1'])
client.admin_create_user('fay', 'pw', ['far'])
as_user('fay', 'pw')
client.admin_drop_user('fay')
client.admin_drop_role('far')
""",
}
#: Where we mean to differ: what is wrong with the arguments is said at once, as ParamError.
DIFFERENT = {
    "client.admin_create_user('ann', 'x', [5])",
    "client.admin_grant_roles('ann', 5)",
    "client.admin_create_role('w', [5])",
    "client.admin_create_role('w', [{'code': 'x'}])",
    "client.admin_create_role('w', [{'code': a.PRIV_READ}], None, [5])",
}


@pytest.fixture(scope="module")
def faces() -> Iterator[tuple[Face, Face]]:
    node = EmbeddedNode(security=True)
    with serve(node, "127.0.0.1", 0) as server:
        pair = tuple(
            face(modules, server.address, "test", "s", user="admin", password="admin")
            for modules in (ORIGINAL, OURS)
        )
        yield pair  # type: ignore[misc]
        for one in pair:
            one.close()
    node.close()


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(faces: tuple[Face, Face], name: str) -> None:
    theirs, mine = (_done(one, PROGRAMS[name]) for one in faces)
    for (line, expected), (_, answer) in zip(theirs, mine):
        if line in DIFFERENT:
            assert answer[1:3] == ("ParamError", -2), line
        else:
            assert answer == expected, line


def _done(one: Face, program: str) -> list[Any]:
    opened = []

    def as_user(user: str, password: str) -> str:
        config = {"hosts": [one.names["host"]], "user": user, "password": password}
        opened.append(one.aerospike.client(config))
        one.names["eve"] = opened[-1]
        return "connected"

    def until_refused() -> None:
        for _ in range(100):
            one.names["eve"].put(("test", "s", 1), {"n": 1})

    one.names |= {"as_user": as_user, "until_refused": until_refused}
    answers = [(line, run(one, line)) for line in lines(program)]
    for client in opened:
        client.close()
    for user in one.client.admin_query_users_info():
        if user != "admin":
            one.client.admin_drop_user(user)
    return answers
