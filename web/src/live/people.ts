// The small, whole lists of who and what works here: agents, channels, teams.
import type { TeamSummary } from '../gen/desk/v1/record_pb'
import type { Http } from './http'
import { agentFrom, channelFrom, listOf, teamFrom } from './rest'
import { Rows } from './rows'
import type { Agent, Channel, Team } from './types'

// Teams holds removed ones too, so that what names them can still say how they were called: get finds them, all leaves
// them out.
export class Teams extends Rows<Team> {
  override get all(): Team[] {
    return super.all.filter((t) => !t.removed)
  }
}

export const teamOf = (t: TeamSummary): Team => ({
  id: t.team,
  name: t.name,
  members: t.members.map(({ agent, main }) => ({ agent, main })),
  replyChannel: t.replyChannel,
  removed: t.removed,
  version: Number(t.version),
})

export interface People {
  agents: Rows<Agent>
  channels: Rows<Channel>
  teams: Teams
}

// readPeople reads the three lists; one that cannot be read stays as it is.
export async function readPeople(http: Http, { agents, channels, teams }: People, fresh: boolean): Promise<void> {
  const read = async <T extends { id: string; version: number }>(rows: Rows<T>, path: string, name: string, from: (v: unknown) => T) => {
    const mark = rows.mark()
    const answer = await http.get(path)
    rows.replaceAll(listOf(answer[name]).map(from), mark, fresh)
  }
  await Promise.allSettled([
    read(agents, '/agents', 'agents', agentFrom),
    read(channels, '/channels', 'channels', channelFrom),
    read(teams, '/teams?removed=true', 'teams', teamFrom),
  ])
}
