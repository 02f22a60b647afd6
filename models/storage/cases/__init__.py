"""Case leads in the database: freezing, versions, standings, and the changes that lead from one to the next."""
