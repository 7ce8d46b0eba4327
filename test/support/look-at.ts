/**
 * GET of what a process says of itself. A kept connection that the process closed while this one stood still says nothing of
 * it: it is asked once more, on a fresh connection.
 */
export const lookAt = (url: string): Promise<Response> => fetch(url).catch(() => fetch(url));
