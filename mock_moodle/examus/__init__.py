"""The plugin availability_examus as its PHP behaves: the restriction, exam list, reviews, access codes, the log.

Which behaviour depends on the installed version: `v08` has that release's own ways, defects included, as recorded;
`successor` has ours. `behaviour.behaviour()` chooses.
"""
