"""Pages and a REST API, on this machine alone: classify, code, adjudicate, and how the team gets on."""
