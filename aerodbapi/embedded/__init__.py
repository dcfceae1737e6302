"""The embedded node: `node.EmbeddedNode.receive` takes a request frame and gives reply frames.

Storage in memory or in an SQLite file, records, batches, queries, secondary indexes,
expressions, info; `server` puts it on TCP. It behaves as a Community server 8.1 does.
"""
