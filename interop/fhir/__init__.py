"""Reader of Da Vinci PAS request Bundles (FHIR R4). Rule ids such as spec-12 are the guide's own requirement keys."""
