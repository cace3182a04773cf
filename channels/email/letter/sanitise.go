package letter

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// RemoteAttr holds the address of an image on the network. The page may load it after a click; until then the image
// has no source, so that reading a mail tells nobody that it was read.
const RemoteAttr = "data-remote-src"

// policy is ours, not bluemonday's for comments: mail needs tables and style properties, and must not keep scripts,
// forms, ids, classes, remote sources or url().
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite",
		"code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2",
		"h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "s", "samp",
		"section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr",
		"tt", "u", "ul", "var", "wbr")
	p.AllowNoAttrs().OnElements("a", "img", "font", "span")
	p.AllowStandardURLs()
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^(cid:|data:image/(png|jpeg|gif|webp);base64,)`)).OnElements("img")
	p.AllowDataURIImages()
	p.AllowAttrs(RemoteAttr).Matching(regexp.MustCompile(`^https?://[^\s"'<>]+$`)).OnElements("img")
	p.AllowAttrs("alt", "title").OnElements("img", "a", "abbr")
	size := regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]{1,3})?%?$`)
	p.AllowAttrs("width", "height").Matching(size).OnElements("img", "table", "td", "th", "col", "colgroup", "hr", "tr")
	p.AllowAttrs("cellpadding", "cellspacing", "border", "hspace", "vspace").Matching(size).OnElements("table", "img")
	p.AllowAttrs("colspan", "rowspan", "span", "start").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("td", "th", "col", "colgroup", "ol")
	word := regexp.MustCompile(`^[a-zA-Z-]{1,20}$`)
	p.AllowAttrs("align", "valign", "dir").Matching(word).Globally()
	color := regexp.MustCompile(`^(#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,20})$`)
	p.AllowAttrs("bgcolor", "color").Matching(color).Globally()
	p.AllowAttrs("face").Matching(regexp.MustCompile(`^[\w ,'-]{1,100}$`)).OnElements("font")
	p.AllowAttrs("size").Matching(regexp.MustCompile(`^[+-]?[0-9]{1,2}$`)).OnElements("font", "hr")
	p.AllowAttrs("lang").Matching(word).Globally()
	harmless := regexp.MustCompile(`^[-\w #%.,'"()/+!]{1,200}$`)
	p.AllowStyles("color", "background-color", "font", "font-family", "font-size", "font-style", "font-weight", "font-variant", "line-height",
		"text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "letter-spacing", "word-spacing",
		"margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "padding", "padding-top", "padding-right", "padding-bottom",
		"padding-left", "border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style", "border-width",
		"border-collapse", "border-spacing", "border-radius", "width", "max-width", "min-width", "height", "max-height", "min-height",
		"display", "list-style-type", "table-layout", "word-break", "overflow-wrap", "direction").
		MatchingHandler(func(v string) bool {
			return harmless.MatchString(v) && !strings.Contains(strings.ToLower(v), "url") && !strings.Contains(strings.ToLower(v), "expression")
		}).Globally()
	return p
})

// sanitise makes HTML safe to show inside the workspace. It parses and renders first, so that the sanitiser sees
// well-formed text and cannot be led astray by what browsers repair (stray end tags, unclosed quotes).
func sanitise(source string) (string, error) {
	root, err := parseHTML(source)
	if err != nil {
		return "", err
	}
	dropHugeStyles(root)
	holdImages(root)
	var b strings.Builder
	if body := find(root, atom.Body); body != nil {
		for c := body.FirstChild; c != nil; c = c.NextSibling {
			if err := html.Render(&b, c); err != nil {
				return "", fmt.Errorf("render HTML: %w", err)
			}
		}
	}
	if b.Len() > 2*len(source)+64<<10 {
		return "", errors.New("it grows beyond measure") // what is left of it costs much, and says nothing
	}
	return strings.TrimSpace(policy().Sanitize(b.String())), nil
}

func parseHTML(source string) (root *html.Node, err error) {
	defer func() { // the parser panics above its nesting limit in some versions
		if v := recover(); v != nil {
			root, err = nil, fmt.Errorf("parse HTML: %v", v)
		}
	}()
	root, err = html.Parse(strings.NewReader(source))
	if err != nil {
		return nil, fmt.Errorf("parse HTML: %w", err)
	}
	return root, nil
}

func find(n *html.Node, a atom.Atom) *html.Node {
	for c := range n.Descendants() {
		if c.DataAtom == a {
			return c
		}
	}
	return nil
}

// dropHugeStyles: the sanitiser needs seconds for a style of a megabyte, and no honest one has four kilobytes.
func dropHugeStyles(root *html.Node) {
	const most = 4 << 10
	for n := range root.Descendants() {
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "style" && len(a.Val) > most })
	}
}

// holdImages takes the source away from images on the network and removes those that nobody can see.
func holdImages(root *html.Node) {
	var gone []*html.Node
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.DataAtom != atom.Img {
			continue
		}
		if invisible(n) {
			gone = append(gone, n)
			continue
		}
		var kept []html.Attribute
		for _, a := range n.Attr {
			src := strings.TrimSpace(a.Val)
			switch low := strings.ToLower(src); {
			case a.Key == RemoteAttr || a.Key == "srcset":
			case a.Key == "src" && (strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://")):
				kept = append(kept, html.Attribute{Key: RemoteAttr, Val: escapeURL(src)})
			case a.Key == "src" && strings.HasPrefix(low, "//"):
				kept = append(kept, html.Attribute{Key: RemoteAttr, Val: escapeURL("https:" + src)})
			case a.Key == "src" && strings.HasPrefix(low, "cid:"):
				kept = append(kept, html.Attribute{Key: "src", Val: "cid:" + src[4:]})
			default:
				kept = append(kept, a)
			}
		}
		n.Attr = kept
	}
	for _, n := range gone {
		n.Parent.RemoveChild(n)
	}
}

func escapeURL(s string) string {
	return strings.NewReplacer(" ", "%20", `"`, "%22", "'", "%27", "<", "%3C", ">", "%3E", "\n", "", "\r", "", "\t", "").Replace(s)
}

// invisible: images of one pixel and hidden ones exist to report that the mail was opened.
func invisible(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "width", "height":
			if v, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(a.Val), "px")); err == nil && v <= 1 {
				return true
			}
		case "style":
			style := strings.ReplaceAll(strings.ToLower(a.Val), " ", "")
			if strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") {
				return true
			}
		}
	}
	return false
}
