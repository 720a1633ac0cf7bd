{{- /*
Copyright: (c) 2026, acmp.middleware contributors
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}

{{- /* Base of all names: the release's name, shortened with a hash where NAME-primary would not fit into the 52 characters of a StatefulSet. */ -}}
{{- define "redis.fullname" -}}
{{- if gt (len .Release.Name) 44 -}}
{{- printf "%s-%s" (.Release.Name | trunc 35 | trimSuffix "-") (.Release.Name | sha256sum | trunc 8) -}}
{{- else -}}
{{- .Release.Name -}}
{{- end -}}
{{- end -}}

{{- /* Labels that never change in the life of an instance: selectors and claim templates are immutable. */ -}}
{{- define "redis.selectorLabels" -}}
app.kubernetes.io/name: redis
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "redis.labels" -}}
{{ include "redis.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "redis.secretName" -}}
{{- .Values.auth.existingSecret | default (printf "%s-auth" .Release.Name) -}}
{{- end -}}

{{- define "redis.image" -}}
{{- with .Values.image -}}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .repository }}:{{ .tag }}{{ if .digest }}@{{ .digest }}{{ end -}}
{{- end -}}
{{- end -}}

{{- /* One StatefulSet; argument: dict "root" $ "role" "primary"|"replica" "replicas" n. */ -}}
{{- define "redis.statefulset" -}}
{{- $root := .root -}}
{{- $name := include "redis.fullname" $root -}}
{{- with $root.Values -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}-{{ $.role }}
  labels:
    {{- include "redis.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $.role }}
spec:
  replicas: {{ $.replicas }}
  serviceName: {{ $name }}-headless
  podManagementPolicy: Parallel
  updateStrategy:
    type: RollingUpdate
  {{- if .persistence.enabled }}
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: Retain
    whenScaled: Retain
  {{- end }}
  selector:
    matchLabels:
      {{- include "redis.selectorLabels" $root | nindent 6 }}
      app.kubernetes.io/component: {{ $.role }}
  template:
    metadata:
      labels:
        {{- include "redis.selectorLabels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ $.role }}
      annotations:
        {{- with .podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        checksum/config: {{ include "redis.configmap.data" $root | sha256sum }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ .terminationGracePeriodSeconds }}
      {{- with .priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with .image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      {{- with .nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "redis.selectorLabels" $root | nindent 14 }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 999
        runAsGroup: 999
        fsGroup: 999
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: redis
          image: {{ include "redis.image" $root | quote }}
          imagePullPolicy: {{ .image.pullPolicy }}
          command: ["sh", "/etc/acmp-redis/start.sh"]
          env:
            - name: ROLE
              value: {{ $.role }}
            {{- if eq $.role "replica" }}
            - name: PRIMARY_HOST
              value: {{ $name }}
            - name: PRIMARY_PORT
              value: {{ .service.port | quote }}
            {{- end }}
            - name: APPENDONLY
              value: {{ ternary "yes" "no" .config.appendonly | quote }}
            - name: MAXMEMORY_PERCENT
              value: {{ .config.maxmemoryPercent | quote }}
            - name: MEMORY_LIMIT
              valueFrom:
                resourceFieldRef:
                  containerName: redis
                  resource: limits.memory
            - name: REDISCLI_AUTH
              valueFrom:
                secretKeyRef:
                  name: {{ include "redis.secretName" $root }}
                  key: password
          ports:
            - name: redis
              containerPort: 6379
              protocol: TCP
          startupProbe:
            exec:
              command: ["sh", "/etc/acmp-redis/started.sh"]
            periodSeconds: 1
            timeoutSeconds: 10
            failureThreshold: {{ .startupTimeoutSeconds }}
          readinessProbe:
            exec:
              command: ["sh", "/etc/acmp-redis/ready.sh"]
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          livenessProbe:
            exec:
              command: ["redis-cli", "-h", "127.0.0.1", "ping"]
            periodSeconds: 10
            timeoutSeconds: 10
            failureThreshold: 6
          resources:
            {{- toYaml .resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: ["ALL"]
          volumeMounts:
            - name: data
              mountPath: /data
            - name: config
              mountPath: /etc/acmp-redis
              readOnly: true
            - name: run
              mountPath: /run/redis
      volumes:
        - name: config
          configMap:
            name: {{ $name }}-config
        # In memory: the rendered configuration holds the password.
        - name: run
          emptyDir:
            medium: Memory
            sizeLimit: 1Mi
        {{- if not .persistence.enabled }}
        - name: data
          emptyDir:
            sizeLimit: {{ .persistence.size }}
        {{- end }}
  {{- if .persistence.enabled }}
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata:
        name: data
        labels:
          {{- include "redis.selectorLabels" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $.role }}
      spec:
        accessModes: ["ReadWriteOnce"]
        {{- with .persistence.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ .persistence.size }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- /* Data of the ConfigMap. Nothing in it may depend on `replicas`: scaling must not restart the primary. */ -}}
{{- define "redis.configmap.data" -}}
redis.conf: |
  port 6379
  dir /data
  daemonize no
  appendonly {{ ternary "yes" "no" .Values.config.appendonly }}
  appendfsync {{ .Values.config.appendfsync }}
  maxmemory-policy {{ .Values.config.maxmemoryPolicy }}
  databases {{ .Values.config.databases }}
  repl-diskless-sync-delay 1
  {{- range $directive, $value := .Values.config.extra }}
  {{ $directive }} {{ $value }}
  {{- end }}
{{- range $file := list "start.sh" "started.sh" "ready.sh" }}
{{ $file }}: |
  {{- regexReplaceAll "(?m)^# (Copyright|SPDX|shellcheck).*\n" ($.Files.Get (printf "files/%s" $file)) "" | trim | nindent 2 }}
{{- end }}
{{- end -}}
