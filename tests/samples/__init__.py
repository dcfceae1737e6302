"""The code samples of both clients' public documents, written anew with the same calls.

Each runs on our façade over the node in the process and over TCP, and with the original package.
"""
