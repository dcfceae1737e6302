"""Lua for the tests of UDFs, what a server answered to it, and how both are asked."""
