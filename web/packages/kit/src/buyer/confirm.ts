import { i18n } from '../base/locale'

export interface Question {
  title: string
  body: string
  /** The verb of what will be done, on the button that does it. */
  yes?: string
}

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}

/**
 * Asks before something that can't be undone. Resolves to the answer; Esc is a no.
 *
 * The browser's own modal dialog: it keeps focus, gives it back and closes on Esc by itself, which the UI
 * library's does not, and it costs nothing to load.
 */
export function confirm({ title, body, yes }: Question): Promise<boolean> {
  const { t } = i18n.global
  const dialog = document.createElement('dialog')
  dialog.className = 'ls-dialog'
  dialog.setAttribute('aria-label', title)
  dialog.dataset['testid'] = 'confirm'

  const no = element('button', 'ls-button', t('kit.confirm.no'))
  const doIt = element('button', 'ls-button ls-button--brand', yes ?? t('kit.confirm.yes'))
  doIt.dataset['testid'] = 'confirm-yes'
  const row = element('div', 'ls-dialog__row')
  row.append(no, doIt)
  dialog.append(element('h2', '', title), element('p', '', body), row)

  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
    no.addEventListener('click', () => dialog.close('no'))
    doIt.addEventListener('click', () => dialog.close('yes'))
    document.body.append(dialog)
    dialog.showModal()
  })
}
