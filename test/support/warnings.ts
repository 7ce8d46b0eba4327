/** What Node has warned of since; asked once. */
export function gatherWarnings(): () => string[] {
  const messages: string[] = [];
  const onWarning = (warning: Error): void => {
    messages.push(warning.message);
  };
  process.on('warning', onWarning);
  return () => {
    process.off('warning', onWarning);
    return messages;
  };
}
