package letter

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rendered is HTML as text; quoteAt is where the HTML itself says that quoted history starts, 0 when it does not.
type rendered struct {
	text    string
	quoteAt int
}

// htmlToText renders HTML as text: blocks are lines, quotes have "> ", lists have "- ", no addresses of links.
func htmlToText(source string) rendered {
	root, err := parseHTML(source)
	if err != nil {
		return rendered{text: stripTags(source)}
	}
	w := &textWriter{}
	w.node(root)
	return rendered{text: clean(trimRight(w.b.String())), quoteAt: w.quoteAt}
}

type textWriter struct {
	b       strings.Builder
	quote   int  // depth of blockquote
	pre     int  // depth of pre
	newline int  // line feeds owed before the next text
	space   bool // a blank owed before the next text
	column  bool // something stands in this line
	quoteAt int
}

func (w *textWriter) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		w.write(n.Data)
		return
	case html.ElementNode:
		if !w.open(n) {
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
	if n.Type == html.ElementNode {
		w.close(n)
	}
}

// open starts an element; false: its content is not text.
func (w *textWriter) open(n *html.Node) bool {
	if w.quoteAt == 0 && startsQuote(n) && w.b.Len() > 0 {
		w.quoteAt = w.b.Len()
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Noscript, atom.Select, atom.Textarea, atom.Object, atom.Iframe:
		return false
	case atom.Br:
		w.newline = min(w.newline+1, 3)
		w.space = false
	case atom.Hr:
		w.block(1)
		w.write("---")
		w.block(1)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Ul, atom.Ol, atom.Dl, atom.Table:
		w.block(2)
	case atom.Div, atom.Tr, atom.Address, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Center, atom.Dt, atom.Dd, atom.Form, atom.Figure:
		w.block(1)
	case atom.Li:
		w.block(1)
		w.write("- ")
	case atom.Blockquote:
		w.block(1)
		w.quote++
	case atom.Td, atom.Th:
		w.space = w.column
	}
	if n.DataAtom == atom.Pre {
		w.pre++
	}
	return true
}

func (w *textWriter) close(n *html.Node) {
	switch n.DataAtom {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table:
		w.block(2)
	case atom.Pre:
		w.pre--
		w.block(2)
	case atom.Div, atom.Tr, atom.Li, atom.Address, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Center, atom.Dt, atom.Dd, atom.Form, atom.Figure:
		w.block(1)
	case atom.Blockquote:
		w.block(1)
		w.quote--
	}
}

// block asks for n line ends, of which those already asked for count.
func (w *textWriter) block(n int) {
	w.newline = max(w.newline, n)
	w.space = false
}

func (w *textWriter) write(s string) {
	if w.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				w.newline = min(w.newline+1, 3)
			}
			if line != "" {
				w.put(line)
			}
		}
		return
	}
	words := strings.FieldsFunc(s, isHTMLSpace)
	if len(words) == 0 {
		w.space = w.space || s != "" && w.column && w.newline == 0
		return
	}
	if w.newline == 0 && w.column && strings.IndexFunc(s[:1], isHTMLSpace) == 0 {
		w.space = true
	}
	w.put(strings.ReplaceAll(strings.Join(words, " "), "\u00A0", " "))
	w.space = strings.LastIndexFunc(s, isHTMLSpace) == len(s)-1
}

func (w *textWriter) put(s string) {
	prefix := strings.Repeat("> ", min(w.quote, 5))
	if w.newline > 0 && w.b.Len() > 0 {
		for range w.newline - 1 {
			w.b.WriteString("\n" + strings.TrimRight(prefix, " "))
		}
		w.b.WriteString("\n")
		w.column = false
	}
	w.newline = 0
	if !w.column {
		w.b.WriteString(prefix)
	} else if w.space {
		w.b.WriteByte(' ')
	}
	w.space = false
	w.b.WriteString(s)
	w.column = true
}

func isHTMLSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == 0x200B || r == 0xFEFF
}

// startsQuote knows how the common mail programs mark what they quote.
func startsQuote(n *html.Node) bool {
	if n.DataAtom != atom.Div && n.DataAtom != atom.Blockquote && n.DataAtom != atom.Span && n.DataAtom != atom.Table {
		return false
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "class":
			for _, c := range strings.Fields(a.Val) {
				switch c {
				case "gmail_quote", "gmail_extra", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote", "zmail_extra", "tutanota_quote", "gmail_attr", "moz-forward-container":
					return true
				}
			}
		case "id":
			switch a.Val {
			case "divRplyFwdMsg", "appendonsend", "OLK_SRC_BODY_SECTION", "reply-intro", "mail-editor-reference-message-container":
				return true
			}
		case "type":
			if n.DataAtom == atom.Blockquote && a.Val == "cite" {
				return true
			}
		}
	}
	return false
}

// stripTags is for HTML nested so deeply that it cannot be parsed: text between tags, one linear pass.
func stripTags(source string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(source))
	hidden := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return clean(strings.TrimSpace(b.String()))
		case html.TextToken:
			if !hidden {
				b.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			hidden = string(name) == "script" || string(name) == "style"
		case html.EndTagToken:
			hidden = false
		}
	}
}

// HTMLText renders HTML of our own as text.
func HTMLText(source string) string { return htmlToText(source).text }
