/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program and its CRI module know of each other. Plain C, so that both may be built by
 * other compilers; no memory changes hands, and nothing is thrown across.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Raised with every change of this file. */
#define OUTRIDER_CRI_INTERFACE 1

/* What a runtime says of a container. Each may come once, or not, but for labels and mounts. */
enum outrider_cri_fact {
  OUTRIDER_CRI_NAME,    /* in its pod */
  OUTRIDER_CRI_IMAGE,   /* a name, an id or a digest; the best first, several times */
  OUTRIDER_CRI_CREATED, /* wall clock, ns, decimal */
  OUTRIDER_CRI_SANDBOX_ID,
  OUTRIDER_CRI_IS_SANDBOX, /* the pod's own container; without a value */
  OUTRIDER_CRI_POD_NAME,
  OUTRIDER_CRI_POD_NAMESPACE,
  OUTRIDER_CRI_POD_UID,
  OUTRIDER_CRI_LABEL,           /* or an annotation: a key and a value */
  OUTRIDER_CRI_MOUNT,           /* a path in the container, and where it is from */
  OUTRIDER_CRI_MOUNT_READ_ONLY, /* the same */
};

struct outrider_cri_text {
  const char* bytes; /* any, without a NUL at the end */
  size_t size;
};

/* Takes a fact; the texts are valid until it returns. `key` only where the fact has one. */
typedef void (*outrider_cri_take)(void* context, enum outrider_cri_fact fact,
                                  struct outrider_cri_text key, struct outrider_cri_text value);

enum outrider_cri_answer {
  OUTRIDER_CRI_TOLD = 0,
  OUTRIDER_CRI_NONE = 1,   /* it has no such container */
  OUTRIDER_CRI_FAILED = 2, /* no answer, or no sense in it: this client is of no use */
};

struct outrider_cri_interface {
  uint32_t version; /* OUTRIDER_CRI_INTERFACE; what follows is as this file says, if so */
  uint32_t padding;
  /* A client on a connected socket that does not block, which becomes its own whatever comes
   * of it. NULL if there is none. */
  void* (*open)(int connection);
  /* Tells what the runtime knows of the container with this id, and of no other. Waits as
   * long as it is told to, for all that it has to ask. By several threads at once. */
  enum outrider_cri_answer (*describe)(void* client, struct outrider_cri_text id,
                                       int64_t patience_ns, outrider_cri_take take, void* context);
  void (*close)(void* client);
};

/* The module's only symbol: const struct outrider_cri_interface. */
#define OUTRIDER_CRI_SYMBOL "outrider_cri"
