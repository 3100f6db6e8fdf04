"""HL7 v2 ADT: bytes in, what a hospital says of a stay out, and the acknowledgment back."""
