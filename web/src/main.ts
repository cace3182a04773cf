import { mount } from 'svelte'
import App from './App.svelte'
import { locale, setLocale } from './i18n/format.svelte'
import { batchFrames } from './state/live'
import { startRouter } from './state/router.svelte'
import { enter } from './state/session.svelte'
import './styles/tokens.css'
import './styles/base.css'
import './styles/overlays.css'

document.documentElement.lang = locale()
addEventListener('storage', (e) => {
  if (e.key === 'centralita.locale' && (e.newValue === 'en' || e.newValue === 'es')) setLocale(e.newValue)
})
batchFrames()
startRouter()
mount(App, { target: document.getElementById('app')! })
void enter()
