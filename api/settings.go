package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/api/settings"
	"github.com/centralita/centralita/desk"
)

// settingsRoom makes the room of settings; who writes what is its business, so its routes are open to agents.
func (s *Server) settingsRoom() *settings.Room {
	return settings.New(settings.Options{
		Rows: s.opt.Settings, People: s.opt.People, SanitizeHTML: s.opt.SanitizeHTML,
		NewID: func(prefix string) string { return desk.DeriveID(prefix, newToken()) },
		InUse: s.inUse,
		Who:   func(ctx context.Context) desk.Agent { return me(ctx).row },
		Do: func(ctx context.Context, stream desk.StreamID, cmd desk.Command) error {
			_, err := s.do(ctx, stream, cmd, live.AuthorOf(me(ctx).row))
			return err
		},
	})
}

// settingRoutes are the lines of all kinds of settings.
func (s *Server) settingRoutes() []route {
	r := s.settingsRoom()
	all := settings.NewOverview()
	routes := []route{{http.MethodGet, "/settings", agents, "list-settings", "Every setting one may see, by kind, each as its kind's own list has it", typed(all.List, 200)}}
	routes = append(routes, routesOf(r, all, "/tags", settings.Tags)...)
	routes = append(routes, routesOf(r, all, "/pipelines", settings.Pipelines)...)
	routes = append(routes, routesOf(r, all, "/properties", settings.Properties)...)
	routes = append(routes, routesOf(r, all, "/snippets", settings.Snippets)...)
	routes = append(routes, routesOf(r, all, "/macros", settings.Macros)...)
	routes = append(routes, routesOf(r, all, "/views", settings.Views)...)
	return append(routes, routesOf(r, all, "/skills", settings.Skills)...)
}

// routesOf are the lines of one kind.
func routesOf[V any](r *settings.Room, all *settings.Overview, path string, k settings.Kind[V]) []route {
	settings.Include(all, r, k)
	who := "For administrators."
	if k.Mine {
		who = "Everybody's are for administrators to write; one's own are one's own."
	}
	return []route{
		{http.MethodGet, path, agents, "list-" + path[1:], "All of kind " + k.Name, typed(settings.List(r, k), 200)},
		{http.MethodPost, path, agents, "add-" + k.Name, fmt.Sprintf("Add a %s. %s", k.Name, who), large(settings.Add(r, k), 201)},
		{http.MethodPut, path + "/{id}", agents, "change-" + k.Name, fmt.Sprintf("Replace a %s, or bring back one that was removed. %s", k.Name, who), large(settings.Change(r, k), 200)},
		{http.MethodDelete, path + "/{id}", agents, "remove-" + k.Name, fmt.Sprintf("Remove a %s. %s", k.Name, who), typed(settings.Remove(r, k), 204)},
	}
}
