"""Programs that derive the data files beside the detector. Run by hand, never imported by the detector."""
