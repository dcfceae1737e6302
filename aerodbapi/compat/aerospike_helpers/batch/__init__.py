"""The records of batches."""
