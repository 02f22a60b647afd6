"""The carrier's side of the parcel feed: waybills in, tokens out.

`jianzhen tokenise` runs this on the carrier's machine. Personal data ends here: what leaves is built from the fields of
`models.subjects.ParcelRecord` alone, and the way back stays in a file that only the carrier keeps.
"""
