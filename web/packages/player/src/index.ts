import type Hls from 'hls.js'

export interface Playing {
  close: () => void
  /** How many seconds ago what is on the screen reached our server; `null` while nobody can know. */
  behindS: () => number | null
}

export interface Wishes {
  isLive: boolean
  now: () => number
  /** Something to see, or not any more. */
  onPicture?: (isThere: boolean) => void
}

/** A picture that is not there yet, or not any more, is asked for again after this. */
const AGAIN_MS = 1_500

/**
 * Plays a playlist in a video element until closed. Its address is asked for anew whenever the picture is: a link may have ended
 * and another taken its place.
 *
 * The player's code is fetched only where the browser can't play playlists itself, as phones of Apple and the browser
 * of WeChat on them can.
 */
export async function play(video: HTMLVideoElement, address: string | (() => string), wishes: Wishes): Promise<Playing> {
  const url = typeof address === 'string' ? () => address : address
  const seen = () => wishes.onPicture?.(true)
  video.addEventListener('playing', seen)
  const can = 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis
  const playing = can ? await ours(video, url, wishes) : theirs(video, url, wishes)
  return {
    behindS: playing.behindS,
    close: () => {
      video.removeEventListener('playing', seen)
      playing.close()
      video.removeAttribute('src')
      video.load()
    },
  }
}

async function ours(video: HTMLVideoElement, url: () => string, wishes: Wishes): Promise<Playing> {
  const { default: Player } = await import('hls.js/light')
  const hls: Hls = new Player({
    // What comes needs no conversion, so a worker would only have to be allowed by the page's policy.
    enableWorker: false,
    lowLatencyMode: false,
    // Two seconds behind the newest segment: one that is being fetched, one in hand.
    liveSyncDurationCount: 2,
    liveMaxLatencyDurationCount: 6,
    maxLiveSyncPlaybackRate: 1.1,
    maxBufferLength: wishes.isLive ? 8 : 30,
    backBufferLength: wishes.isLive ? 5 : 30,
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  hls.on(Player.Events.ERROR, (_event, data) => {
    if (!data.fatal) return
    if (data.type === Player.ErrorTypes.MEDIA_ERROR) {
      hls.recoverMediaError()
      return
    }
    wishes.onPicture?.(false)
    clearTimeout(timer)
    timer = setTimeout(() => hls.loadSource(url()), AGAIN_MS)
  })
  hls.on(Player.Events.MANIFEST_PARSED, () => void start(video))
  hls.attachMedia(video)
  hls.loadSource(url())
  return {
    close: () => {
      clearTimeout(timer)
      hls.destroy()
    },
    behindS: () => (hls.playingDate && !video.paused ? Math.max(0, (wishes.now() - hls.playingDate.getTime()) / 1000) : null),
  }
}

function theirs(video: HTMLVideoElement, url: () => string, wishes: Wishes): Playing {
  let timer: ReturnType<typeof setTimeout> | undefined
  const again = () => {
    wishes.onPicture?.(false)
    clearTimeout(timer)
    timer = setTimeout(load, AGAIN_MS)
  }
  function load(): void {
    video.src = url()
    void start(video)
  }
  video.addEventListener('error', again)
  load()
  const began = video as HTMLVideoElement & { getStartDate?: () => Date }
  return {
    close: () => {
      clearTimeout(timer)
      video.removeEventListener('error', again)
    },
    behindS: () => {
      const start = began.getStartDate?.().getTime() ?? Number.NaN
      return Number.isNaN(start) || video.paused ? null : Math.max(0, (wishes.now() - start) / 1000 - video.currentTime)
    },
  }
}

/** Browsers let a page begin without sound; where even that is refused, the element waits for a tap. */
async function start(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play()
  } catch {
    video.muted = true
    await video.play().catch(() => undefined)
  }
}
