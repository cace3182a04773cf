// Texts of tickets that were given by rule and are to be taken in time.
import { texts } from './texts'

export const offers = texts({
  'offers.take': ['Take it: {time}', 'Tómalo: {time}'],
  'offers.to_you': ['Offered to you until {time}: open it, and it is yours. Else it goes to the next.', 'Se te ofrece hasta {time}: ábrelo y es tuyo. Si no, pasa a la siguiente persona.'],
  'offers.theirs': ['Offered: {time}', 'Ofrecido: {time}'],
  'offers.to_other': ['Offered to {name} until {time}. Else it goes to the next.', 'Se ofrece a {name} hasta {time}. Si no, pasa a la siguiente persona.'],
})
