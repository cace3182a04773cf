// That side conversations of a ticket that is looked at are others: who shows one reads it again.
import { Observable } from './observable'

export class SideNews extends Observable {
  count = 0

  heard(): void {
    this.count++
    this.changed()
  }
}
