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

export function macrotask(): Promise<void> {
  return new Promise((resolve) => later(resolve))
}
