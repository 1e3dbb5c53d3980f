import { i18n } from '../base/locale'

export interface Question {
  title: string
  body: string
  /** The verb of what will be done, on the button that does it. */
  yes?: string
}

/** Asks before something that can't be undone. The dialog is fetched when it is first needed. */
export async function confirm({ title, body, yes }: Question): Promise<boolean> {
  const { DialogPlugin } = await import('tdesign-mobile-vue/es/dialog')
  const { t } = i18n.global
  return new Promise((resolve) => {
    DialogPlugin.confirm({
      title,
      content: body,
      confirmBtn: yes ?? t('kit.confirm.yes'),
      cancelBtn: t('kit.confirm.no'),
      onConfirm: () => resolve(true),
      onCancel: () => resolve(false),
    })
  })
}
