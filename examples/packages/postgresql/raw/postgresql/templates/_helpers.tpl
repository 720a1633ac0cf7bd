{{- /*
Copyright: (c) 2026, acmp.middleware contributors
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}

{{- /* Base of all names: the release's name, shortened with a hash where NAME-replica-0 would not fit into the 52 characters of a StatefulSet. */ -}}
{{- define "postgresql.fullname" -}}
{{- if gt (len .Release.Name) 42 -}}
{{- printf "%s-%s" (.Release.Name | trunc 33 | trimSuffix "-") (.Release.Name | sha256sum | trunc 8) -}}
{{- else -}}
{{- .Release.Name -}}
{{- end -}}
{{- end -}}

{{- /* Labels that never change in the life of an instance: selectors are immutable. */ -}}
{{- define "postgresql.selectorLabels" -}}
app.kubernetes.io/name: postgresql
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "postgresql.labels" -}}
{{ include "postgresql.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "postgresql.secretName" -}}
{{- .Values.auth.existingSecret | default (printf "%s-auth" .Release.Name) -}}
{{- end -}}

{{- define "postgresql.image" -}}
{{- with .Values.image -}}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .repository }}:{{ .tag }}{{ if .digest }}@{{ .digest }}{{ end -}}
{{- end -}}
{{- end -}}

{{- /* One server and its claim; argument: dict "root" $ "component" "primary"|"replica-0"... */ -}}
{{- define "postgresql.server" -}}
{{- $root := .root -}}
{{- $component := .component -}}
{{- $name := include "postgresql.fullname" $root -}}
{{- with $root.Values -}}
{{- /* Not a claim template: those cannot change, and so would never grow. The claim of an earlier instance keeps its class, whatever is said now. */ -}}
{{- $claim := printf "data-%s-%s" $name $component -}}
{{- $class := lookup "v1" "PersistentVolumeClaim" $root.Release.Namespace $claim | dig "spec" "storageClassName" .persistence.storageClass -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ $claim }}
  labels:
    {{- include "postgresql.selectorLabels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $component }}
  annotations:
    helm.sh/resource-policy: keep
spec:
  accessModes: ["ReadWriteOnce"]
  {{- with $class }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ .persistence.size }}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}-{{ $component }}
  labels:
    {{- include "postgresql.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $component }}
spec:
  replicas: 1
  serviceName: {{ $name }}-headless
  podManagementPolicy: Parallel
  updateStrategy:
    type: RollingUpdate
  selector:
    matchLabels:
      {{- include "postgresql.selectorLabels" $root | nindent 6 }}
      app.kubernetes.io/component: {{ $component }}
  template:
    metadata:
      labels:
        {{- include "postgresql.selectorLabels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ $component }}
      annotations:
        {{- with .podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        checksum/config: {{ include "postgresql.configmap.restart" $root | sha256sum }}
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
              {{- include "postgresql.selectorLabels" $root | nindent 14 }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 999
        runAsGroup: 999
        fsGroup: 999
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: postgresql
          image: {{ include "postgresql.image" $root | quote }}
          imagePullPolicy: {{ .image.pullPolicy }}
          command: ["sh", "/etc/acmp-postgresql/start.sh"]
          env:
            # Not the volume itself, where a file system may keep a folder of its own.
            - name: PGDATA
              value: /var/lib/postgresql/data/pgdata
            # Found in every image, and sorts the same in each of them.
            - name: LANG
              value: C.UTF-8
            - name: SHARED_BUFFERS_PERCENT
              value: {{ .config.sharedBuffersPercent | quote }}
            - name: MEMORY_LIMIT
              valueFrom:
                resourceFieldRef:
                  containerName: postgresql
                  resource: limits.memory
            {{- if eq $component "primary" }}
            - name: ROLE
              value: primary
            - name: POSTGRES_DB
              value: {{ .auth.database | quote }}
            - name: POSTGRES_PASSWORD_FILE
              value: /etc/acmp-postgresql-auth/password
            - name: POSTGRES_INITDB_ARGS
              value: --encoding=UTF8 --locale=C.UTF-8 --data-checksums
            {{- else }}
            - name: ROLE
              value: replica
            - name: PRIMARY_HOST
              value: {{ $name }}
            - name: PRIMARY_PORT
              value: {{ .service.port | quote }}
            - name: SLOT
              value: {{ $component | replace "-" "_" }}
            - name: CLAIM
              value: {{ $claim }}
            {{- end }}
          ports:
            - name: postgresql
              containerPort: 5432
              protocol: TCP
          lifecycle:
            preStop:
              exec:
                # A plain SIGTERM would wait for the clients to leave.
                command: ["pg_ctl", "stop", "-m", "fast", "--no-wait"]
          terminationMessagePolicy: FallbackToLogsOnError
          startupProbe:
            exec:
              command: ["sh", "/etc/acmp-postgresql/started.sh"]
            periodSeconds: 1
            timeoutSeconds: 10
            failureThreshold: {{ div .startupTimeoutSeconds 5 }}
          readinessProbe:
            exec:
              command: ["sh", "/etc/acmp-postgresql/ready.sh"]
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          livenessProbe:
            exec:
              command: ["sh", "/etc/acmp-postgresql/alive.sh"]
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
              mountPath: /var/lib/postgresql/data
            - name: config
              mountPath: /etc/acmp-postgresql
              readOnly: true
            {{- if eq $component "primary" }}
            # A file beside those that the image may have: all of them are run.
            - name: config
              mountPath: /docker-entrypoint-initdb.d/zz-acmp.sh
              subPath: initdb.sh
              readOnly: true
            {{- end }}
            - name: auth
              mountPath: /etc/acmp-postgresql-auth
              readOnly: true
            - name: run
              mountPath: /run/postgresql
            - name: shm
              mountPath: /dev/shm
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: {{ $claim }}
        - name: config
          configMap:
            name: {{ $name }}-config
        - name: auth
          secret:
            secretName: {{ include "postgresql.secretName" $root }}
            defaultMode: 0440
            items:
              - key: password
                path: password
              - key: replication-password
                path: replication-password
        # In memory: a replica's file with the replication password is here.
        - name: run
          emptyDir:
            medium: Memory
            sizeLimit: 1Mi
        # Queries in parallel share memory here; part of the pod's memory limit.
        - name: shm
          emptyDir:
            medium: Memory
            sizeLimit: 128Mi
        - name: tmp
          emptyDir:
            sizeLimit: 64Mi
{{- end -}}
{{- end -}}

{{- /* Data of the ConfigMap that only a restart brings into force. Nothing in it may depend on `replicas`: scaling must not restart the primary. */ -}}
{{- define "postgresql.configmap.restart" -}}
postgresql.conf: |
  hba_file = '/etc/acmp-postgresql/pg_hba.conf'
  listen_addresses = '*'
  max_connections = {{ .Values.config.maxConnections }}
  wal_level = replica
  max_wal_senders = 10
  max_replication_slots = 10
  password_encryption = 'scram-sha-256'
  log_line_prefix = '%m [%p] %q%u@%d '
  include 'reload.conf'
  {{- range $parameter, $value := .Values.config.extra }}
  {{ $parameter }} = '{{ $value | replace "\\" "\\\\" | replace "'" "''" }}'
  {{- end }}
pg_hba.conf: |
  local all all trust
  host replication acmp_replication all scram-sha-256
  host all acmp_replication all reject
  host all all all scram-sha-256
{{- range $file := list "start.sh" "roles.sh" "initdb.sh" "replication.sh" "started.sh" "ready.sh" "alive.sh" }}
{{ $file }}: |
  {{- regexReplaceAll "(?m)^# (Copyright|SPDX|shellcheck).*\n" ($.Files.Get (printf "files/%s" $file)) "" | trim | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* What running servers take over: ready.sh tells them. */ -}}
{{- define "postgresql.configmap.reload" -}}
reload.conf: |
  work_mem = '{{ .Values.config.workMem }}'
  max_wal_size = '{{ .Values.config.maxWalSize }}'
  max_slot_wal_keep_size = '{{ .Values.config.maxSlotWalKeepSize }}'
  log_min_duration_statement = {{ .Values.config.logMinDurationStatement }}
{{- end -}}
