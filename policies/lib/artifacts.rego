# METADATA
# title: Things that are known by their digest
package golive.lib.artifacts

# Something in the list has these very bytes.
named(sha256, list) if {
	some element in list
	element.sha256 == sha256
}
