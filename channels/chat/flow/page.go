package flow

import (
	"net/url"
	"strings"
)

// maxPage bounds an address that is looked at; browsers and servers end sooner.
const maxPage = 2048

// pageAt is a page's address, made comparable: no scheme, host in lower case, no slash at the end, no fragment.
type pageAt struct {
	host, path string
	query      url.Values
	whole      string // host, path and query
}

// CleanPage gives an address as it is kept: of http or https, without what a password may be in; "" for anything else.
func CleanPage(raw string) string {
	if len(raw) > maxPage {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	return u.String()
}

func parsePage(raw string) pageAt {
	if len(raw) > maxPage {
		return pageAt{query: url.Values{}}
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return pageAt{query: url.Values{}}
	}
	at := pageAt{host: strings.ToLower(u.Host), path: withoutSlash(u.Path), query: u.Query()}
	at.whole = at.host + at.path
	if u.RawQuery != "" {
		at.whole += "?" + u.RawQuery
	}
	return at
}

func withoutSlash(path string) string {
	if path = strings.TrimRight(path, "/"); path == "" {
		return "/"
	}
	return path
}

// on: the flow is for the page. A page that nobody knows (a program without one) is every page that no rule is about.
func (f *Flow) on(at pageAt) bool {
	for _, r := range f.Except {
		if r.holds(at) {
			return false
		}
	}
	for _, r := range f.Pages {
		if r.holds(at) {
			return true
		}
	}
	return len(f.Pages) == 0
}

func (r PageRule) holds(at pageAt) bool {
	switch r.Match {
	case "equals":
		want, whole := r.compared(at)
		return withoutSlash(want) == withoutSlash(whole)
	case "starts_with":
		want, whole := r.compared(at)
		return strings.HasPrefix(whole, want)
	case "contains":
		return at.whole != "" && strings.Contains(strings.ToLower(at.whole), strings.ToLower(r.Value))
	case "query":
		name, value, named := strings.Cut(r.Value, "=")
		got, has := at.query[name]
		if !has || !named {
			return has
		}
		for _, v := range got {
			if v == value {
				return true
			}
		}
	}
	return false
}

// compared are the rule's value and what of the page it is compared with: the path of a path, else host and path.
func (r PageRule) compared(at pageAt) (want, of string) {
	if strings.HasPrefix(r.Value, "/") {
		return r.Value, at.path
	}
	u, err := url.Parse(r.Value)
	if err != nil || u.Host == "" {
		return r.Value, at.host + at.path // without its scheme
	}
	path := u.Path
	if path == "" {
		path = "/"
	}
	return strings.ToLower(u.Host) + path, at.host + at.path
}
