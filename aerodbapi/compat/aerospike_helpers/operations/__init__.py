"""Builders of operations for operate(), operate_ordered() and batches."""
