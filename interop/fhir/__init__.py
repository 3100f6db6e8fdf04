"""Da Vinci PAS (FHIR R4): request Bundles in. Rule ids such as spec-12 are the guide's own requirement keys."""
