// What teams are called, also those that were removed and are still named by tickets, rules, views and macros.
import { t } from '../i18n/format.svelte'
import { watch } from './live'
import { workspace } from './session.svelte'

// teamName is '' for one that never was.
export function teamName(id: string): string {
  const team = watch(workspace().teams).get(id)
  return team?.removed ? t('team.removed', { name: team.name }) : (team?.name ?? '')
}

// teamOptions are those to choose from by name; of the chosen ones also those that were removed, to be taken out.
export function teamOptions(chosen: readonly string[] = []): { value: string; label: string; removed: boolean }[] {
  const teams = watch(workspace().teams)
  const gone = chosen.map((id) => teams.get(id)).filter((x) => x?.removed)
  return [...teams.all, ...gone.filter((x) => x !== undefined)]
    .map((x) => ({ value: x.id, label: x.removed ? t('team.removed', { name: x.name }) : x.name, removed: x.removed }))
    .toSorted((a, b) => a.label.localeCompare(b.label))
}
