"""Case leads: registration, reading and handing out their dossiers."""
