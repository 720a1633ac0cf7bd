{{- /*
Copyright: (c) 2026, acmp.middleware contributors
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}

{{- define "tiny.selectorLabels" -}}
app.kubernetes.io/name: tiny
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tiny.labels" -}}
{{ include "tiny.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "tiny.image" -}}
{{ with .Values.image }}{{ if .registry }}{{ .registry }}/{{ end }}{{ .repository }}:{{ .tag }}{{ end }}
{{- end -}}

{{- define "tiny.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "tiny.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end -}}
