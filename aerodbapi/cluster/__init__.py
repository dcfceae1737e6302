"""What to say to whom: nodes, partition maps, tending and retries, as conversations.

`effects` says what a conversation is. `tend` keeps a `Cluster` of `Node`s up to date; `commands`
(one record), `batch`, `query`, `jobs` (background) and `info` use it under a `policy`.
"""
