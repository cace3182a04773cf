// Texts of chats: how one began, and the bot that talks first. They come with its lines.
import { texts } from './texts'

export const bot = texts({
  'chat.with_bot': ['{bot}, a bot, talks with them. Nobody is chosen meanwhile.', '{bot}, un bot, habla con esta persona. Mientras tanto no se elige a nadie.'],
  'chat.take_over': ['Take over', 'Tomar la conversación'],
  'chat.bot': ['Bot', 'Bot'],
  'act.bot_started': ['{bot}, a bot, began to talk', '{bot}, un bot, empezó a hablar'],
  'act.bot_handed_over': ['The bot handed over', 'El bot pasó la conversación'],
  'act.bot_person': ['They asked for a person: the bot handed over', 'Pidió una persona: el bot pasó la conversación'],
  'act.bot_wrong_answers': ['The bot did not understand them and handed over', 'El bot no entendió y pasó la conversación'],
  'act.bot_too_long': ['The bot had asked enough and handed over', 'El bot ya había preguntado bastante y pasó la conversación'],
  'act.bot_lost': ['The bot was changed meanwhile and handed over', 'El bot cambió entretanto y pasó la conversación'],
  'act.bot_ended': ['The bot ended', 'El bot terminó'],
  'act.bot_taken_over': ['{by} took over from the bot', '{by} tomó la conversación del bot'],
  'act.bot_transferred': ['{by} took the conversation from the bot', '{by} quitó la conversación al bot'],
  'act.bot_closed': ['The bot ended: the ticket was closed', 'El bot terminó: se cerró el ticket'],
  'act.bot_spam': ['The bot ended: it is spam', 'El bot terminó: es spam'],
  'act.bot_merged': ['The bot ended: the ticket was merged', 'El bot terminó: el ticket se fusionó'],
  'act.chat_entered': ['Began in the chatflow “{flow}”', 'Empezó en el flujo de chat «{flow}»'],
  'act.chat_entered_on': ['Began in the chatflow “{flow}” on {page}', 'Empezó en el flujo de chat «{flow}» en {page}'],
  'act.consent_explicit': ['Accepted, version {version}', 'Aceptó, versión {version}'],
  'act.consent_implicit': ['Was told, version {version}', 'Se le informó, versión {version}'],
})
