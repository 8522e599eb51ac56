"""What the seven screens say, as data: computed from the leads, the definition and the version."""
