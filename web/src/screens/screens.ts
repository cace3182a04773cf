// Which screen shows a page. A screen is its own file for the browser, loaded when it is gone to (or pointed at); the
// tickets come with the first load, since nearly everybody begins there.
import type { Component } from 'svelte'
import type { Route, RouteOf } from '../state/routes'

type Loaded<P extends Route['page']> = { default: Component<{ route: RouteOf<P> }> | Component<Record<string, never>> }
type Lazy = Exclude<Route['page'], 'tickets' | 'setup' | 'missing'>

export const screens: { [P in Lazy]: () => Promise<Loaded<P>> } = {
  agents: () => import('./Agents.svelte'),
  channels: () => import('./Channels.svelte'),
  audit: () => import('./audit/Audit.svelte'),
  hours: () => import('./hours/Hours.svelte'),
  settings: () => import('./settings/Settings.svelte'),
  notifications: () => import('./notifications/Notifications.svelte'),
  me: () => import('./me/Me.svelte'),
  dashboard: () => import('./dashboard/Dashboard.svelte'),
  people: () => import('./people/People.svelte'),
  search: () => import('./search/Search.svelte'),
  styleguide: () => import('./Styleguide.svelte'),
}

export const isLazy = (route: Route): route is RouteOf<Lazy> => route.page in screens
