// A turn of the event loop, so that the app's own work comes between two pieces of ours. A timer would
// cost a millisecond or more each time.
type Later = (callback: () => void) => void

function viaChannel(): Later {
  const channel = new MessageChannel()
  const waiting: Array<() => void> = []
  channel.port1.onmessage = () => waiting.shift()?.()
  return (callback) => {
    waiting.push(callback)
    channel.port2.postMessage(null)
  }
}

function laterHere(): Later {
  const { setImmediate } = globalThis as { setImmediate?: Later }
  if (setImmediate) return (callback) => setImmediate(callback)
  if (typeof MessageChannel === `function`) return viaChannel()
  return (callback) => void setTimeout(callback, 0)
}

const later = laterHere()

const turn = () => new Promise<void>((resolve) => later(resolve))

// A turn that took longer had other work in it, or a collection of garbage.
const LONG_MS = 4

/** Ends in a later turn of the event loop. After a long one the app's work comes first once more: ours is not
 *  to add to what held it up. */
export async function macrotask(): Promise<void> {
  const start = performance.now()
  await turn()
  if (performance.now() - start > LONG_MS) await turn()
}
