// A page in the process, for React: to be imported before it.
import { JSDOM } from 'jsdom'

const { window } = new JSDOM(`<!doctype html><div id="root"></div>`)
const globals = { window, document: window.document, navigator: window.navigator, IS_REACT_ACT_ENVIRONMENT: true }
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true })

export const root = window.document.getElementById(`root`)!
