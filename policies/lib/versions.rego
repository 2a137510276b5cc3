# METADATA
# title: Versions as their schemas write them, without a leading v
package golive.lib.versions

# Two different versions: a version that is missing differs from nothing.
differ(a, b) if a != b
