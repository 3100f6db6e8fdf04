"""Reader of HL7 v2 ADT: bytes in, the stay's events out, and the acknowledgment back."""
