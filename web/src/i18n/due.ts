// Texts of by when an answer is due.
import { texts } from './texts'

export const due = texts({
  'due.label': ['Answer due', 'Responder antes de'],
  'due.in': ['Due in {time}', 'Vence en {time}'],
  'due.late': ['{time} late', '{time} de retraso'],
  'due.at': ['An answer is due by {time}', 'Hay que responder antes de: {time}'],
  'due.was': ['An answer was due by {time}', 'Había que responder antes de: {time}'],
  'due.none': ['By no time', 'Sin plazo'],
  'due.choose': ['Answer due by…', 'Responder antes de…'],
  'due.hour': ['In an hour', 'Dentro de una hora'],
  'due.date': ['At a time of your own', 'A otra hora'],

  'act.due': ['An answer is due by {time}.', 'Hay que responder antes de: {time}.'],
  'act.due_by': ['{by} set the answer to be due by {time}.', '{by} fijó el plazo de respuesta: {time}.'],
  'act.due_none': ['An answer is due by no time any more.', 'La respuesta ya no tiene plazo.'],
  'act.due_none_by': ['{by} took off the time by which an answer was due.', '{by} quitó el plazo de respuesta.'],
  'act.due_answered': ['Answered in time (due by {time}).', 'Respondido a tiempo (plazo: {time}).'],
  'act.due_answered_late': ['Answered late: it was due by {time}.', 'Respondido tarde: el plazo era {time}.'],
  'act.due_again': ['The answer was taken back: due again by {time}.', 'Se retiró la respuesta: vuelve a vencer {time}.'],
})
