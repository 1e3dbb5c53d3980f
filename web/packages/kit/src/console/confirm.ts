import { DialogPlugin } from 'tdesign-vue-next/es/dialog'
import { i18n } from '../base/locale'

export interface Question {
  title: string
  body: string
  /** The verb of what will be done, on the button that does it. */
  yes?: string
  danger?: boolean
}

/** Asks before something that can't be undone. Resolves to the answer; Esc and the veil are a no. */
export function confirm({ title, body, yes, danger = false }: Question): Promise<boolean> {
  const { t } = i18n.global
  return new Promise((resolve) => {
    const dialog = DialogPlugin.confirm({
      header: title,
      body,
      theme: danger ? 'danger' : 'info',
      confirmBtn: { content: yes ?? t('kit.confirm.yes'), theme: danger ? 'danger' : 'primary' },
      cancelBtn: t('kit.confirm.no'),
      onConfirm: () => answer(true),
      onClose: () => answer(false),
    })
    function answer(value: boolean): void {
      dialog.destroy()
      resolve(value)
    }
  })
}
