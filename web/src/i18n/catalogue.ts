// Every string the workspace shows, [English, Spanish], one file an area. {name} is a parameter. Keys ending in .one and
// .other are the plural forms of one message (count). A new area is its file, its import and its name below.
import type { account } from './account'
import type { administering } from './administering'
import type { agents } from './agents'
import { app } from './app'
import type { audit } from './audit'
import type { board } from './board'
import type { begin } from './begin'
import type { capacity } from './capacity'
import { channels } from './channels'
import type { bot } from './bot'
import { composer } from './composer'
import type { connecting } from './connecting'
import type { dashboard } from './dashboard'
import { conversation } from './conversation'
import type { due } from './due'
import type { chat } from './chat'
import type { held } from './held'
import type { empty } from './empty'
import { hours } from './hours'
import { keys } from './keys'
import type { leaving } from './leaving'
import type { lineage } from './lineage'
import { list } from './list'
import type { macro } from './macro'
import { me } from './me'
import type { mail } from './mail'
import type { notices } from './notices'
import type { offers } from './offers'
import type { owners } from './owners'
import { palette } from './palette'
import type { past } from './past'
import type { presence } from './presence'
import type { routing } from './routing'
import type { rules } from './rules'
import { search } from './search'
import type { sending } from './sending'
import type { side } from './side'
import { session } from './session'
import { settings } from './settings'
import { shell } from './shell'
import { ticket } from './ticket'
import type { verdict } from './verdict'
import { views } from './views'
import type { why } from './why'
import { work } from './work'

export const areas = {
  app,
  channels,
  composer,
  conversation,
  hours,
  keys,
  list,
  me,
  palette,
  search,
  session,
  settings,
  shell,
  ticket,
  views,
  work,
}

// Texts that come with the screens that show them, not before: those import their area's file. Types alone name it here.
type Later =
  | typeof account
  | typeof administering
  | typeof agents
  | typeof audit
  | typeof board
  | typeof begin
  | typeof capacity
  | typeof bot
  | typeof connecting
  | typeof dashboard
  | typeof due
  | typeof empty
  | typeof chat
  | typeof held
  | typeof leaving
  | typeof lineage
  | typeof macro
  | typeof mail
  | typeof notices
  | typeof offers
  | typeof owners
  | typeof past
  | typeof presence
  | typeof routing
  | typeof rules
  | typeof sending
  | typeof side
  | typeof verdict
  | typeof why
type Area = (typeof areas)[keyof typeof areas] | Later
type KeysOf<A> = A extends A ? keyof A & string : never

export type Key = KeysOf<Area>
