"""The readings of many meters in one table: the blank to fill in, how it is read, what is asked about it."""
