/* SPDX-License-Identifier: ISC */
#include "builtin.h"

#define COMBINED COMMON " \"$http_referer\" \"$http_user_agent\""
#define COMMON   "$remote_addr $remote_ident $remote_user [$time_local] \"$request\" $status $body_bytes_sent"
#define VHOST                                                                                                \
	"$vhost $client_addr $remote_ident $remote_user [$time_local] \"$request\" $status $body_bytes_sent"
#define ENVOY "[$time_iso8601] \"$request\" $status $response_flags"

#define HAPROXY "$client_and_port [$accept_date] $frontend_name $backend_name/$haproxy_server "
#define HAPROXY_HTTP                                                                                         \
	HAPROXY "$TR/$Tw/$Tc/$Tr/$Ta $status $bytes_read $captured_request_cookie "                          \
		"$captured_response_cookie "                                                                 \
		"$termination_state " HAPROXY_CONNECTIONS
#define HAPROXY_CONNECTIONS "$actconn/$feconn/$beconn/$srv_conn/$retries $srv_queue/$backend_queue"
#define HAPROXY_REQUEST     " \"$request\"$tls"

#define ALB                                                                                                  \
	"$type " ELB " $target_group_arn \"$trace_id\" \"$domain_name\" \"$chosen_cert_arn\" "               \
	"$matched_rule_priority $request_creation_time \"$actions_executed\" \"$redirect_url\" "             \
	"\"$error_reason\" \"$target_port_list\" \"$target_status_code_list\" \"$classification\" "          \
	"\"$classification_reason\""
#define ELB                                                                                                  \
	"$time_iso8601 $elb $client_and_port $target $request_processing_time $target_processing_time "      \
	"$response_processing_time $elb_status_code $target_status_code $received_bytes $sent_bytes "        \
	"\"$request\" \"$http_user_agent\" $ssl_cipher $ssl_protocol"
#define S3                                                                                                   \
	"$bucket_owner $bucket [$time_local] $remote_addr $requester $request_id $s3_operation $key "        \
	"\"$request\" $status $error_code $bytes_sent $object_size $s3_total_time $turn_around_time "        \
	"\"$http_referer\" \"$http_user_agent\" $s3_version"

const struct builtin builtin[] = {
	{"combined", "combined", COMBINED},
	{"common", "common", COMMON},
	{"", "combined with forwarded-for", COMBINED " \"$forwarded\""},
	{"", "combined with request time", COMBINED " $seconds"},
	{"", "combined with request and upstream time", COMBINED " $seconds $upstream_within"},
	{"", "combined with forwarded-for and request time", COMBINED " \"$forwarded\" $seconds"},
	{"", "combined with forwarded-for, request and upstream time",
	 COMBINED " \"$forwarded\" $seconds $upstream_within"},
	{"", "combined with host", COMBINED " $behind_host"},
	{"", "combined with quoted host", COMBINED " \"$behind_host\""},
	{"", "combined with key=value", COMBINED " $key_values"},
	{"", "combined with forwarded-for and key=value", COMBINED " \"$forwarded\" $key_values"},
	{"", "combined with kong's request id", COMBINED " kong_request_id: \"$kong_request_id\""},
	{"", "rack", COMMON " $rack_seconds"},
	{"", "combined with bytes in and out", COMBINED " $bytes_received $bytes_with_head"},
	{"", "combined with seconds and microseconds", COMBINED " $seconds_and_micros"},
	{"ingress-nginx", "ingress-nginx",
	 COMBINED " $request_length $seconds [$proxy_upstream_name] [$proxy_alternative_upstream_name] "
		  "$upstream_addr $upstream_response_length $upstream_response_time $upstream_status "
		  "$req_id"},
	{"traefik", "traefik",
	 COMBINED " $request_count \"$router_name\" \"$service_url\" ${request_time_ms}ms"},
	{"haproxy", "haproxy clf",
	 COMMON
	 " \"\" \"\" $client_port $milliseconds \"$frontend_name\" \"$backend_name\" \"$haproxy_server\" "
	 "$Tq $Tw $Tc $Tr $Tt \"$termination_state\" $actconn $feconn $beconn $srv_conn $retries "
	 "$srv_queue $backend_queue $captured"},
	{"haproxy", "haproxy", HAPROXY_HTTP HAPROXY_REQUEST},
	{"haproxy", "haproxy with captured headers", HAPROXY_HTTP " {$captured_headers}" HAPROXY_REQUEST},
	{"haproxy", "haproxy with captured headers of both",
	 HAPROXY_HTTP " {$captured_request_headers} {$captured_response_headers}" HAPROXY_REQUEST},
	{"haproxy", "haproxy tcp", HAPROXY "$Tw/$Tc/$Tt $bytes_read $termination_state " HAPROXY_CONNECTIONS},
	{"haproxy", "haproxy error", "$client_and_port [$accept_date] $frontend: $message"},
	{"envoy", "envoy",
	 ENVOY " $bytes_received $bytes_sent $request_time_ms $upstream_service_time \"$x_forwarded_for\" "
	       "\"$http_user_agent\" \"$req_id\" \"$authority\" \"$upstream_host\""},
	{"envoy", "istio",
	 ENVOY " $response_code_details $connection_termination_details "
	       "\"$upstream_transport_failure_reason\" $bytes_received $bytes_sent $request_time_ms "
	       "$upstream_service_time \"$x_forwarded_for\" \"$http_user_agent\" \"$req_id\" \"$authority\" "
	       "\"$upstream_host\" $upstream_cluster $upstream_local_address "
	       "$downstream_local_address $remote_addr $requested_server_name $route_name"},
	{"", "vhost combined", VHOST " \"$http_referer\" \"$http_user_agent\""},
	{"", "vhost common", VHOST},
	{"", "vhost combined with request time", VHOST " \"$http_referer\" \"$http_user_agent\" $seconds"},
	{"", "vhost combined with key=value", VHOST " \"$http_referer\" \"$http_user_agent\" $key_values"},
	{"alb", "alb", ALB},
	{"alb", "alb with connection", ALB " $conn_trace_id"},
	{"alb", "elb", ELB},
	{"s3", "s3", S3},
	{"s3", "s3 with host",
	 S3 " $host_id $signature_version $cipher_suite $authentication_type $http_host $tls_version"},
	{"s3", "s3 with access point",
	 S3 " $host_id $signature_version $cipher_suite $authentication_type $http_host $tls_version "
	    "$access_point_arn $acl_required"},
	{"squid", "squid",
	 "$msec $squid_elapsed $remote_addr $squid_result/$status $bytes $request_method $request_uri "
	 "$remote_user $squid_hierarchy/$squid_peer $content_type"},
	{"", "aiohttp",
	 "$client_addr [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
	 "\"$http_user_agent\""},
	{"", "werkzeug",
	 "$remote_addr $remote_ident $remote_user [$python_time] \"$request\" $status $body_bytes_sent"},
	{"", "django", "[$python_time] \"$request\" $status $body_bytes_sent"},
	{"", "gin", "[GIN] $gin_time | $status | $gin_latency | $gin_addr | $gin_method \"$request_uri\""},
	{"", "nginx error", "$nginx_time [$level] $nginx_worker: $message"},
	{"", "apache error", "[$apache_time] [$apache_module] [pid $apache_process] $apache_message"},
	{"", "php-fpm", "$remote_addr - $remote_user $time_local \"$request_method $request_uri\" $status"},
	/* these have no time of their own */
	{"", "uvicorn", "INFO:     $client_and_port - \"$request\" $status $status_text"},
	{"", "morgan dev", "$request_method $request_uri $status $request_time_ms ms - $body_bytes_sent"},
	{"", "morgan tiny", "$request_method $request_uri $status $body_bytes_sent - $request_time_ms ms"},
};

const size_t builtin_n = sizeof(builtin) / sizeof(builtin[0]);

const char builtin_families[] = "combined, common, haproxy, alb, s3, envoy, traefik, ingress-nginx, squid";
