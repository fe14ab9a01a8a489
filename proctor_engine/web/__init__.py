"""The service's pages and its JSON interface. `docs/service.md` lists the addresses."""
