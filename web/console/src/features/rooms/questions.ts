import type { Question } from '@liveshelf/api'
import { announce } from '@liveshelf/kit/console'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useWrite } from '../../app/write'
import { answerQuestion, questionsKey, readQuestions } from './api'
import type { DeskRoom } from './desk'

/** What of a room's talk is shown. */
export const TABS = ['all', 'claims', 'questions'] as const
export type Tab = (typeof TABS)[number]

const LOOK_MS = 2_000

/** The queue of questions of a room: which wait, which one is chosen, and answering it. */
export function useQuestions(shopId: number, roomId: number, desk: DeskRoom) {
  const { t } = useI18n()
  const client = useQueryClient()
  const key = questionsKey(shopId, roomId)
  // Computed, so that a page which was open before the broadcast begins to look when it does.
  const look = computed(() => (desk.view.value?.state === 'live' || desk.view.value?.state === 'paused') && LOOK_MS)
  const query = useQuery({ queryKey: key, queryFn: () => readQuestions(shopId, roomId), refetchInterval: look })
  const waiting = computed<Question[]>(() => query.data.value?.waiting ?? [])
  const answered = computed<Question[]>(() => query.data.value?.answered ?? [])
  const waits = computed(() => query.data.value?.waits ?? 0)
  const chosenId = ref<string | null>(null)
  /** By its id, so that what others answer meanwhile doesn't move the choice; the oldest where none was chosen. */
  const chosen = computed(() => waiting.value.find((one) => one.comment_id === chosenId.value) ?? waiting.value[0])

  function step(by: number): void {
    const at = waiting.value.findIndex((one) => one.comment_id === chosen.value?.comment_id)
    chosenId.value = waiting.value[Math.min(Math.max(at + by, 0), waiting.value.length - 1)]?.comment_id ?? null
  }

  const write = useWrite(
    (requestId: string, one: Question, text: string) => answerQuestion(shopId, roomId, one.comment_id, { request_id: requestId, text }),
    {
      then: (found) => {
        client.setQueryData(key, found)
        announce(t('rooms.queue.marked'))
      },
    },
  )

  /** Whoever was second is told so, and sees the list as it is. */
  async function answer(one: Question, text = ''): Promise<void> {
    const next = waiting.value[waiting.value.findIndex((other) => other.comment_id === one.comment_id) + 1]
    await write.run(one, text)
    if (chosenId.value === one.comment_id) chosenId.value = next?.comment_id ?? null
    void client.invalidateQueries({ queryKey: key })
  }

  return { waiting, answered, waits, chosen, step, answer, busy: write.busy, choose: (one: Question) => (chosenId.value = one.comment_id) }
}

export type Questions = ReturnType<typeof useQuestions>
