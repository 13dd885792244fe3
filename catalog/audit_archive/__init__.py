"""The audit log of past years: whole months of it in the store, as Parquet, with the chain through all of them."""
