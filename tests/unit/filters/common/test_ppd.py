"""Reading printer descriptions."""

from __future__ import annotations

from filters.common.ppd import PrinterDescription, fold, parse_ppd

TEXT = """*PPD-Adobe: "4.3"
*% a comment: no entry
*OpenUI *PageSize/Media Size: PickOne
*DefaultPageSize: A4
*PageSize A4/A4: "<</PageSize[595 842]>>setpagedevice"
*PageSize Env10/Envelope #10: "two
lines"
*End
*CloseUI: *PageSize\r
*InputSlot Tray2/Tray 2, main: "<</MediaPosition 1>>setpagedevice"\r
*de.InputSlot Tray2/Fach 2: ""
*zh_CN.Translation InputSlot/x: ""
*cupsFilter2: "text/plain application/vnd.hp-pcl 0 texttopcl"
*Defaultcpi: 12
*Defaultcpi: 15
"""


def test_defaults_and_values():
    """Defaults go by option, values by keyword and choice; the first of two counts, and translations do not."""
    description = parse_ppd(TEXT)
    assert description.defaults == {"PageSize": "A4", "cpi": "12"}
    assert description.value("PageSize", "Env10") == "two\nlines"
    assert description.value("InputSlot", "tray-2") == "<</MediaPosition 1>>setpagedevice"
    assert description.value("InputSlot", "Tray3") is None
    assert not [keyword for keyword, _ in description.values if "." in keyword]
    assert description.value("cupsFilter2", "") == "text/plain application/vnd.hp-pcl 0 texttopcl"


def test_no_description():
    """Nothing is in an empty description, and nothing is found."""
    assert parse_ppd("") == PrinterDescription()
    assert parse_ppd("%!PS\nno such thing: x").value("x", "") is None


def test_choices_are_compared_as_people_write_them():
    """Case, hyphens and blanks make no difference."""
    assert fold("Tray-2") == fold("tray 2") == "tray2" != fold("tray 3")
