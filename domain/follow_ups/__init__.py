"""Life of a case after its decision: reopening, and the versions of its authorization."""
